namespace Millrace.Messaging;

/// <summary>The format in which a CloudEvent is written as a message of a broker.</summary>
public enum MessageFormat
{
    /// <summary>The attributes are headers, and the data is the body.</summary>
    Binary,

    /// <summary>The body is the whole event as JSON: <c>application/cloudevents+json</c>.</summary>
    Structured,
}
