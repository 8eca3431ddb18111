namespace Millrace.Queries;

/// <summary>An event type that invalidates answers.</summary>
/// <param name="EventType">The CLR type of the event.</param>
/// <param name="TagsOf">Returns the tags and patterns of the answers.</param>
internal sealed record Invalidation(Type EventType, Func<object, IEnumerable<string>> TagsOf);
