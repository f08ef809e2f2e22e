/** The running pipeline, live. */
export function GraphPage() {
  return <h1>Pipeline</h1>
}
