namespace Millrace.Scheduling;

/// <summary>
/// Thrown when a text is not a cron expression, or when the expression never occurs. The message contains only the
/// reason, so that a caller can add the text.
/// </summary>
internal sealed class InvalidCronException(string text, string reason, Exception? inner = null)
    : FormatException(reason, inner)
{
    /// <summary>Gets the text and the reason.</summary>
    public string Problem { get; } = $"'{text}' is not a valid cron expression: {reason}";
}
