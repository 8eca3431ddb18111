using Microsoft.OpenApi;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>Describes how commands and queries are refused.</summary>
internal static class MessageProblems
{
    private static readonly (string Status, string Meaning)[] Always =
    [
        ("400", "The request is not well formed."),
        ("404", "There is no such thing."),
        ("503", "The store is busy; Retry-After says when to try again."),
    ];

    private static readonly (string Status, string Meaning)[] OfCommands =
    [
        ("409", "Somebody else was first, it exists already, or its state does not allow it."),
        ("413", "It is too large."),
        ("422", "A rule of the domain, named in the member error, does not allow it."),
    ];

    private static readonly (string Status, string Meaning)[] OfBodies = [("415", "The body is not application/json.")];

    private static readonly (string Status, string Meaning)[] OfAccess =
        [("401", "One must sign in for that."), ("403", "The user may not do that.")];

    public static void Describe(
        OpenApiOperation operation, bool isCommand, bool mayBeDenied, ModelSchemas? schemas, OpenApiDocument document)
    {
        IEnumerable<(string Status, string Meaning)> problems =
        [
            .. Always,
            .. isCommand ? OfCommands : [],
            .. operation.RequestBody is null ? [] : OfBodies,
            .. mayBeDenied ? OfAccess : [],
        ];
        foreach (var (status, meaning) in problems.OrderBy(problem => problem.Status, StringComparer.Ordinal))
        {
            operation.Responses!.TryAdd(status, new OpenApiResponse // Made by the caller.
            {
                Description = meaning,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/problem+json"] = new() { Schema = schemas?.Find(typeof(HttpProblem), document) },
                },
            });
        }
    }
}
