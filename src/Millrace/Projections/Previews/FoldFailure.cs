namespace Millrace;

/// <summary>An event that the code of a projection could not fold, or whose document could not be written
/// then.</summary>
/// <param name="Position">Its position; of a document, that of the last event that it reflects.</param>
/// <param name="Type">The stored name of its type.</param>
/// <param name="Message">What the code threw, and with a document, its key.</param>
public sealed record FoldFailure(long Position, string Type, string Message);
