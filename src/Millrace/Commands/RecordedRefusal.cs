using System.Text.Json;

namespace Millrace;

/// <summary>A refusal that is kept in the place of an answer.</summary>
/// <param name="Error">What kind of error it was, such as <c>InvariantViolatedException</c>.</param>
/// <param name="Problem">What it said.</param>
/// <param name="Until">How long it is kept.</param>
internal sealed record RecordedRefusal(string Error, string Problem, DateTimeOffset Until)
{
    private const string Refused = "refused";

    /// <summary>Reads the one that stands in an answer; null when that is none.</summary>
    public static RecordedRefusal? Find(JsonElement answer)
    {
        if (!answer.TryGetProperty(Refused, out var error))
            return null;
        // Older ones lack it.
        var until = answer.TryGetProperty("until", out var end) ? end.GetDateTimeOffset() : DateTimeOffset.MinValue;
        return new RecordedRefusal(error.GetString()!, answer.GetProperty("problem").GetString()!, until);
    }

    public void Write(Utf8JsonWriter answer)
    {
        answer.WriteString(Refused, Error);
        answer.WriteString("problem", Problem);
        answer.WriteString("until", Until);
    }
}
