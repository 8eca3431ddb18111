namespace Millrace.Redis;

/// <summary>A group of a stream.</summary>
internal sealed record GroupName(string Stream, string Group);
