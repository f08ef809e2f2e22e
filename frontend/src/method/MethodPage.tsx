/** What the method is and what it cannot say. */
export function MethodPage() {
  return <h1>Method</h1>
}
