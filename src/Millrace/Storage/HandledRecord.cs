namespace Millrace.Storage;

/// <summary>A stored answer with its id.</summary>
/// <param name="Scope">The scope in which the id is unique.</param>
/// <param name="Id">The id.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Until">The time until which the answer is stored.</param>
public sealed record HandledRecord(string Scope, string Id, HandledAnswer Answer, DateTimeOffset Until);
