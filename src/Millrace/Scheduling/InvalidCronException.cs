namespace Millrace;

/// <summary>Thrown when a text is not a cron expression, or when it never occurs.</summary>
internal sealed class InvalidCronException(string text, string reason, Exception? inner = null)
    : FormatException($"'{text}' is not a valid cron expression: {reason}", inner)
{
    /// <summary>Gets the reason, without the text.</summary>
    public string Reason { get; } = reason;
}
