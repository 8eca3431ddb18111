using Microsoft.OpenApi;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>Describes the errors of commands and queries.</summary>
internal static class MessageProblems
{
    private static readonly (string Status, string Meaning)[] Always =
    [
        ("400", "The request is malformed."),
        ("404", "Not found."),
        ("503", "The store is busy; Retry-After has the delay before the next attempt."),
    ];

    private static readonly (string Status, string Meaning)[] OfCommands =
    [
        ("409", "A concurrent change came first, the object already exists, or its state does not allow the command."),
        ("413", "The body is too large."),
        ("422", "A rule of the domain, named by the member error, does not allow it."),
    ];

    private static readonly (string Status, string Meaning)[] OfBodies = [("415", "The body is not application/json.")];

    private static readonly (string Status, string Meaning)[] OfAccess =
        [("401", "Authentication is required."), ("403", "The user is not allowed to do this.")];

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
            operation.Responses!.TryAdd(status, new OpenApiResponse // Not null: the caller sets it.
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
