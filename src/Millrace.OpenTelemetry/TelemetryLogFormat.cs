namespace Millrace;

/// <summary>The format of logs on the console.</summary>
public enum TelemetryLogFormat
{
    /// <summary>The format that the host has configured.</summary>
    Unchanged,

    /// <summary>One line of text for each message, for people.</summary>
    Text,

    /// <summary>
    /// One JSON object for each message, with the values of the message, the trace and the span, for log systems.
    /// </summary>
    Json,
}
