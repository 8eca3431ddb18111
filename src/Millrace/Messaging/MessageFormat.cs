namespace Millrace.Messaging;

/// <summary>How a CloudEvent stands in a message of a broker.</summary>
public enum MessageFormat
{
    /// <summary>Its attributes are headers, its data the body.</summary>
    Binary,

    /// <summary>All of it is the body, as JSON: <c>application/cloudevents+json</c>.</summary>
    Structured,
}
