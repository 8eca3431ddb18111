namespace Millrace.Messaging;

/// <summary>Tells the errors that leave open what became of a request.</summary>
internal static class RequestFailureClassifier
{
    /// <summary>Whether an error is one after which a request may have been done or may still be, or came from such a
    /// one.</summary>
    public static bool IsIn(Exception error) => error switch
    {
        RequestRefusedException refused => !refused.IsSettled,
        RequestTimeoutException or TransportUnavailableException or MessageBodyException => true,
        AggregateException several => several.InnerExceptions.Any(IsIn),
        _ => error.InnerException is { } inner && IsIn(inner),
    };
}
