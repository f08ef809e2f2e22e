/** Graphs for tests, written as short as they can be. */
import type { Graph, GraphNode } from '../api/types'

type Edge = Graph['edges'][number]

/** Each edge is "from.port > to.input", with `element` or `gather` behind it: see `predictGraph`. */
export function graphOf(nodes: Partial<GraphNode>[], edges: string[]): Graph {
  const made = nodes.map((node, id): GraphNode => {
    const name = node.name ?? `n${id}`
    return { name, label: name, type: 'sort', scope: 0, enabled: true, lane: 'cpu', inputs: [], outputs: [], ...node, id }
  })
  const idOf = (name: string) => {
    const node = made.find((candidate) => candidate.name === name)
    if (!node) throw new Error(`no node ${name}`)
    return node.id
  }
  const scopes: Graph['scopes'] = [{ id: 0, parent: -1, foreach: -1 }]
  for (const node of made) {
    if (node.opens !== undefined) scopes.push({ id: node.opens, parent: node.scope, foreach: node.id })
  }
  return {
    name: 'test',
    sha256: 'ab'.repeat(32),
    credits: 16,
    scopes,
    nodes: made,
    edges: edges.map((text): Edge => {
      const [, from = '', port = '', to = '', input = '', kind = 'value'] =
        /^([^. ]+)\.(\S+) > ([^. ]+)\.(\S+)(?: (\w+))?$/.exec(text) ?? []
      return { from: idOf(from), to: idOf(to), port, input, type: 'tensor', kind: kind as Edge['kind'] }
    }),
    descriptors: {},
  }
}

/** The predict graph, with the mirrored branch switched off. */
export function predictGraph(): Graph {
  const inside = { scope: 1 }
  const off = { scope: 1, enabled: false }
  return graphOf(
    [
      { name: 'files', type: 'image-files', lane: 'blocking', source: true },
      { name: 'decode', type: 'decode' },
      { name: 'faces', type: 'face-crop' },
      { name: 'per-face', type: 'foreach', lane: 'scope', opens: 1, max_live: 24 },
      { name: 'measure', type: 'heuristics', ...inside },
      { name: 'pixels', type: 'clip-preprocess', ...inside },
      { name: 'clip', type: 'clip-dora', lane: 'device', ...inside },
      { name: 'fft', type: 'fft', ...inside },
      { name: 'spectrum', type: 'spectrum-cnn', lane: 'device', ...inside },
      { name: 'fuse', type: 'fusion-head', lane: 'device', ...inside },
      { name: 'mirror', type: 'mirror', ...off },
      { name: 'clip2', type: 'clip-dora', lane: 'device', ...off },
      { name: 'fft2', type: 'fft', ...off },
      { name: 'spectrum2', type: 'spectrum-cnn', lane: 'device', ...off },
      { name: 'fuse2', type: 'fusion-head', lane: 'device', ...off },
      { name: 'rollout', type: 'rollout', ...inside },
      { name: 'overlay', type: 'encode', ...inside },
      { name: 'vote', type: 'soft-vote', ...inside },
      { name: 'result', type: 'face-result', ...inside },
      { name: 'report', type: 'predictions', lane: 'blocking', sink: true, ordered: true },
    ],
    [
      'files.bytes > decode.bytes',
      'decode.image > faces.image',
      'faces.faces > per-face.foreach',
      'per-face.face > measure.face element',
      'decode.image > measure.image',
      'per-face.face > pixels.face element',
      'pixels.pixels > clip.pixels',
      'pixels.pixels > fft.pixels',
      'fft.spectrum > spectrum.spectrum',
      'clip.embedding > fuse.clip',
      'spectrum.embedding > fuse.spectrum',
      'pixels.pixels > mirror.pixels',
      'mirror.pixels > clip2.pixels',
      'mirror.pixels > fft2.pixels',
      'fft2.spectrum > spectrum2.spectrum',
      'clip2.embedding > fuse2.clip',
      'spectrum2.embedding > fuse2.spectrum',
      'clip.attentions > rollout.attentions',
      'per-face.face > overlay.face element',
      'rollout.heatmap > overlay.heatmap',
      'pixels.window > overlay.window',
      'fuse.probabilities > vote.a',
      'fuse2.probabilities > vote.b',
      'per-face.face > result.face element',
      'vote.probabilities > result.probabilities',
      'measure.measures > result.measures',
      'overlay.png > result.heatmap',
      'files.path > report.path',
      'decode.info > report.info',
      'result.result > per-face.gather gather',
      'per-face.result > report.faces',
    ],
  )
}
