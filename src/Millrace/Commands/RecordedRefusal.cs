using System.Text.Json;

namespace Millrace.Commands;

/// <summary>A refusal that is stored as the answer to an idempotency key.</summary>
/// <param name="Error">The type of the error, such as <c>InvariantViolatedException</c>.</param>
/// <param name="Problem">The message of the error.</param>
/// <param name="Until">The time until which the refusal is stored.</param>
internal sealed record RecordedRefusal(string Error, string Problem, DateTimeOffset Until)
{
    /// <summary>The name of the member with the message of the error.</summary>
    public const string ProblemName = "problem";

    private const string Refused = "refused";
    private const string Erased = "The text of the refusal was erased.";

    /// <summary>Returns the refusal in a stored answer; null if the answer is not a refusal.</summary>
    public static RecordedRefusal? Find(JsonElement answer)
    {
        if (!answer.TryGetProperty(Refused, out var error))
            return null;
        // Refusals that an older version of Millrace stored do not have this member.
        var until = answer.TryGetProperty("until", out var end) ? end.GetDateTimeOffset() : DateTimeOffset.MinValue;
        return new RecordedRefusal(error.GetString()!, answer.GetProperty(ProblemName).GetString() ?? Erased, until);
    }

    public void Write(Utf8JsonWriter answer)
    {
        answer.WriteString(Refused, Error);
        answer.WriteString(ProblemName, Problem);
        answer.WriteString("until", Until);
    }
}
