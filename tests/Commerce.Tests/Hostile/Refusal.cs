using System.Net;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Hostile;

/// <summary>Checks that the answer to a bad request is a problem response in the common format.</summary>
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

    /// <summary>Returns why an answer is not a valid refusal, or null if the answer is valid.</summary>
    public static async Task<string?> Problem(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        if (!Refusals.Contains(answer.StatusCode))
            return $"{(int)answer.StatusCode}: {text}";
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return $"{(int)answer.StatusCode} as {answer.Content.Headers.ContentType}: {text}";
        var problem = JsonNode.Parse(text)!.AsObject(); // The content type declares a JSON object.
        if (problem["status"]?.GetValue<int>() != (int)answer.StatusCode
            || problem["error"]?.GetValue<string>() is not { Length: > 0 }
        )
            return $"The answer does not name the error: {text}";
        return text.Contains("   at ", StringComparison.Ordinal) ? $"The answer contains a stack trace: {text}" : null;
    }

    /// <summary>Fails if there are problems. The message contains the first 20.</summary>
    public static void AssertNone(IReadOnlyCollection<string> problems) =>
        Assert.True(problems.Count == 0, $"{problems.Count} problems:\n{string.Join('\n', problems.Take(20))}");

    /// <summary>
    /// Returns why an answer is neither a success nor a valid refusal, or null if the answer is valid. A decision
    /// without a body can be refused because the store is busy.
    /// </summary>
    public static async Task<string?> ProblemUnlessDone(HttpResponseMessage answer) =>
        answer.IsSuccessStatusCode || await IsBusy(answer) ? null : await Problem(answer);

    private static async Task<bool> IsBusy(HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.ServiceUnavailable
        && JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"]?.GetValue<string>() == "busy";
}
