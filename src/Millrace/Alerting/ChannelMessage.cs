namespace Millrace;

/// <summary>A message for people.</summary>
/// <param name="Id">The id, which is the same for each attempt.</param>
/// <param name="Subject">The subject, in one line.</param>
/// <param name="Text">The message as plain text.</param>
/// <param name="Html">The message as an HTML page.</param>
public sealed record ChannelMessage(string Id, string Subject, string Text, string Html);
