using System.Diagnostics;

namespace Millrace.Store;

/// <summary>Records errors in spans by their type, since their text can contain data.</summary>
internal static class SpanErrors
{
    /// <summary>The tag of spans and metrics that names the type of an error.</summary>
    public const string Tag = "error.type";

    /// <summary>Records the error in a span. Does nothing without a span.</summary>
    public static void Record(Activity? span, Exception error)
    {
        span?.SetStatus(ActivityStatusCode.Error);
        span?.SetTag(Tag, error.GetType().Name);
    }
}
