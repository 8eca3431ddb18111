using Millrace.Serialization;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>Describes an error in the form of the model's types, as <see cref="ProblemWriter"/> writes it.</summary>
internal static class ProblemDescription
{
    private static readonly Dictionary<Type, TypeDescription> Known = new()
    {
        [typeof(HttpProblem)] = new(TypeForm.Object)
        {
            Summary = "An error (RFC 9457).",
            Members =
            [
                new("type", typeof(string), true) { Summary = "A page about the status." },
                new("title", typeof(string), true) { Summary = "The status as text." },
                new("status", typeof(int), true),
                new("detail", typeof(string), false) { Summary = "The error, and how to correct it." },
                new("instance", typeof(string), false) { Summary = "The path of the request." },
                new("error", typeof(string), true)
                {
                    Summary = "The stable name of the error; for a broken rule the name of the rule.",
                },
                new("permission", typeof(string), false)
                {
                    Summary = "The missing permission, if access control denies the request.",
                },
                new("errors", typeof(IReadOnlyDictionary<string, string[]>), false)
                {
                    Summary = "The problems, by member.",
                },
                new("traceId", typeof(string), false) { Summary = "The id to search for in logs and traces." },
            ],
        },
        [typeof(IReadOnlyDictionary<string, string[]>)] = new(TypeForm.Map) { Inner = typeof(string[]) },
        [typeof(string[])] = new(TypeForm.List) { Inner = typeof(string) },
    };

    /// <summary>The name of the component.</summary>
    public const string Id = "Problem";

    public static TypeDescription? Of(Type type) => Known.GetValueOrDefault(type);
}
