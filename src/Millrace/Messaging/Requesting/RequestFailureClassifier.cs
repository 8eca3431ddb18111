namespace Millrace.Messaging.Requesting;

/// <summary>Recognizes errors after which it is unknown whether a request was handled.</summary>
internal static class RequestFailureClassifier
{
    /// <summary>
    /// Returns true if, after this error or one of its causes, the request may have been handled or may still be
    /// handled.
    /// </summary>
    public static bool IsOutcomeUnknown(Exception error) => error switch
    {
        RequestRefusedException refused => !refused.IsSettled,
        RequestTimeoutException or TransportUnavailableException or MessageBodyException => true,
        AggregateException several => several.InnerExceptions.Any(IsOutcomeUnknown),
        _ => error.InnerException is { } inner && IsOutcomeUnknown(inner),
    };
}
