using System.Net;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Hostile;

/// <summary>Checks answers to bad requests: each is a problem in the common form, and nothing is written.</summary>
public static class Refusal
{
    private static readonly HashSet<HttpStatusCode> Refusals =
    [
        HttpStatusCode.BadRequest,
        HttpStatusCode.NotFound,
        HttpStatusCode.Conflict,
        HttpStatusCode.RequestEntityTooLarge,
        HttpStatusCode.UnsupportedMediaType,
        HttpStatusCode.UnprocessableEntity,
    ];

    /// <summary>Returns why an answer is not a valid refusal; null when it is.</summary>
    public static async Task<string?> Problem(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        if (!Refusals.Contains(answer.StatusCode))
            return $"{(int)answer.StatusCode}: {text}";
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return $"{(int)answer.StatusCode} as {answer.Content.Headers.ContentType}: {text}";
        var problem = JsonNode.Parse(text)!.AsObject(); // It is declared as an object.
        if (problem["status"]?.GetValue<int>() != (int)answer.StatusCode
            || problem["error"]?.GetValue<string>() is not { Length: > 0 }
        )
            return $"It does not say what went wrong: {text}";
        return text.Contains("   at ", StringComparison.Ordinal) ? $"It shows the inside of the program: {text}" : null;
    }

    /// <summary>Fails with the problems, the first few in full.</summary>
    public static void AssertNone(IReadOnlyCollection<string> problems) =>
        Assert.True(problems.Count == 0, $"{problems.Count} in all:\n{string.Join('\n', problems.Take(20))}");

    /// <summary>The same, when a success is also allowed.</summary>
    public static async Task<string?> ProblemUnlessDone(HttpResponseMessage answer) =>
        answer.IsSuccessStatusCode ? null : await Problem(answer);
}
