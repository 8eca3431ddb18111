using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>A document with its place in the order of a query.</summary>
/// <param name="Document">The document.</param>
/// <param name="Cursor">The place, which consists of the value of the sorted field and the key.</param>
internal readonly record struct PlacedDocument<TDocument>(TDocument Document, DocumentCursor Cursor);
