namespace Millrace.Messaging;

/// <summary>How a CloudEvent is written as a message of a broker.</summary>
public enum MessageFormat
{
    /// <summary>Attributes are headers, and data is the body.</summary>
    Binary,

    /// <summary>The body is the whole event as JSON: <c>application/cloudevents+json</c>.</summary>
    Structured,
}
