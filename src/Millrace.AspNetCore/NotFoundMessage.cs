namespace Millrace.AspNetCore;

/// <summary>What is said when nothing is there to be read: also that it may come yet.</summary>
internal static class NotFoundMessage
{
    public static HttpProblem Of(Freshness freshness) => new(404, "not-found", freshness.HeldEvents switch
    {
        0 => "There is no such thing.",
        1 => "There is no such thing, or not yet: an event waits as a dead letter.",
        var held => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"There is no such thing, or not yet: {held} events wait as dead letters."),
    });
}
