using Microsoft.OpenApi;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>Describes the headers of commands and queries, and how long a query waits.</summary>
internal static class MessageHeaders
{
    private static readonly (string Name, string Meaning)[] OfCommands =
    [
        (MillraceHeaders.Token, "What the command did: hand it to a query, and the answer reflects it."),
        (MillraceHeaders.Version, "The version of the first stream that the command wrote to."),
        (MillraceHeaders.Repeated, "True when it was done before and this is the first answer again."),
    ];

    private static readonly (string Name, string Meaning)[] OfQueries =
        [(MillraceHeaders.Fresh, "fresh, or how far the answer is behind the token.")];

    public static void Describe(OpenApiOperation operation, bool isCommand)
    {
        if (isCommand)
        {
            Add(operation, MillraceHeaders.IdempotencyKey, ParameterLocation.Header,
                "The same for every try of the command: a repetition gets the first answer.");
        }
        else
        {
            Add(
                operation,
                MillraceHeaders.Token,
                ParameterLocation.Header,
                "What the answer is to reflect: the header of that name on a command's answer.");
            Add(
                operation,
                "wait",
                ParameterLocation.Query,
                "How long to wait for that, such as 00:00:02; at most 30 seconds.");
        }
        foreach (var (status, response) in operation.Responses!) // Made by the caller.
        {
            if (status.StartsWith('2') && response is OpenApiResponse good)
                good.Headers = (isCommand ? OfCommands : OfQueries).ToDictionary(
                    header => header.Name, HeaderOf, StringComparer.Ordinal);
        }
    }

    private static void Add(OpenApiOperation operation, string name, ParameterLocation place, string meaning) =>
        operation.Parameters!.Add(new OpenApiParameter // Made by the caller.
        {
            Name = name,
            In = place,
            Description = meaning,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    private static IOpenApiHeader HeaderOf((string Name, string Meaning) header) => new OpenApiHeader
    {
        Description = header.Meaning,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
