namespace Millrace.AspNetCore;

/// <summary>
/// Creates the message of a 404 response. It mentions dead letters, because their events may still create the document.
/// </summary>
internal static class NotFoundMessage
{
    public static HttpProblem Of(Freshness freshness) => new(404, "not-found", freshness.BlockedEvents switch
    {
        0 => "Not found.",
        1 => "Not found. One event for this key is still in the dead-letter queue.",
        var held => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"Not found. {held} events for this key are still in the dead-letter queue."),
    });
}
