using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace Millrace.AspNetCore;

/// <summary>Tells OpenAPI what a route delegate alone does not show: parameters, headers and problems.</summary>
internal static class EndpointDescription
{
    public static IEndpointConventionBuilder Describe(this IEndpointConventionBuilder endpoint, MessageReader reader, bool isCommand)
    {
        endpoint.AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
        {
            operation.Parameters ??= [];
            var inRoute = RouteNames(context.Description.RelativePath);
            foreach (var member in reader.Members)
            {
                var isInRoute = inRoute.Any(member.IsNamed);
                if (!isInRoute && isCommand)
                    continue;
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = isInRoute ? inRoute.First(member.IsNamed) : member.Name,
                    In = isInRoute ? ParameterLocation.Path : ParameterLocation.Query,
                    Required = isInRoute || member.IsRequired,
                    Schema = await context.GetOrCreateSchemaAsync(member.Type.Type, null, cancellationToken).ConfigureAwait(false),
                });
            }
            AddHeaders(operation, isCommand);
        });
        return endpoint;
    }

    private static void AddHeaders(OpenApiOperation operation, bool isCommand)
    {
        var (name, what) = isCommand
            ? (MillraceHeaders.IdempotencyKey, "The same for every try of the command: a repetition gets the first answer.")
            : (MillraceHeaders.Token, "What the answer is to reflect: the header of that name on a command's answer.");
        operation.Parameters!.Add(new OpenApiParameter // Made by the caller.
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = what,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        operation.Responses ??= [];
        foreach (var (status, description) in isCommand ? CommandProblems : QueryProblems)
            operation.Responses.TryAdd(status, new OpenApiResponse { Description = description });
    }

    private static readonly (string Status, string Description)[] QueryProblems =
    [
        ("400", "The request is not well formed."),
        ("404", "There is no such thing."),
        ("503", "The store is busy."),
    ];

    private static readonly (string Status, string Description)[] CommandProblems =
    [
        .. QueryProblems,
        ("409", "Somebody else was first, or it exists already."),
        ("422", "A rule of the domain, named in the member error, does not allow it."),
    ];

    private static string[] RouteNames(string? path) =>
        path is null
            ? []
            : [.. path.Split('/').Where(part => part is ['{', .., '}']).Select(part => part.Trim('{', '}', '*').Split(':', '=', '?')[0])];
}
