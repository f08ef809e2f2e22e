/** Pictures in, judgements out. */
export function AnalysePage() {
  return <h1>Analyse pictures</h1>
}
