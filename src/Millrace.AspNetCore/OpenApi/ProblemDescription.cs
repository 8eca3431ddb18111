using Millrace.Serialization;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>What an error looks like, in the same words as the model's types: that is how <see cref="ProblemWriter"/>
/// writes it.</summary>
internal static class ProblemDescription
{
    private static readonly Dictionary<Type, TypeDescription> Known = new()
    {
        [typeof(HttpProblem)] = new(TypeForm.Object)
        {
            Summary = "What went wrong (RFC 9457).",
            Members =
            [
                new("type", typeof(string), true) { Summary = "A page about the status." },
                new("title", typeof(string), true) { Summary = "The status in words." },
                new("status", typeof(int), true),
                new("detail", typeof(string), false) { Summary = "What happened, and what to do." },
                new("instance", typeof(string), false) { Summary = "The path of the request." },
                new("error", typeof(string), true)
                {
                    Summary = "The stable name of what happened; for a broken rule the rule's.",
                },
                new("errors", typeof(IReadOnlyDictionary<string, string[]>), false)
                {
                    Summary = "What is wrong, by member.",
                },
                new("traceId", typeof(string), false) { Summary = "What to look for in logs and traces." },
            ],
        },
        [typeof(IReadOnlyDictionary<string, string[]>)] = new(TypeForm.Map) { Inner = typeof(string[]) },
        [typeof(string[])] = new(TypeForm.List) { Inner = typeof(string) },
    };

    /// <summary>The component's name in documents.</summary>
    public const string Id = "Problem";

    public static TypeDescription? Of(Type type) => Known.GetValueOrDefault(type);
}
