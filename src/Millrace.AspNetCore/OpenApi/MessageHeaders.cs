using Microsoft.OpenApi;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>Describes the headers of commands and queries, and the <c>wait</c> parameter of queries.</summary>
internal static class MessageHeaders
{
    private static readonly (string Name, string Meaning)[] OfCommands =
    [
        (MillraceHeaders.Token,
            "The consistency token of the command. If you pass it to a query, the answer reflects the command."),
        (MillraceHeaders.Version, "The version of the first stream that the command wrote to."),
        (MillraceHeaders.Repeated, "True if the command was handled before. The response repeats the first answer."),
    ];

    private static readonly (string Name, string Meaning)[] OfQueries =
        [(MillraceHeaders.Fresh, "fresh, or how far the answer is behind the token.")];

    public static void Describe(OpenApiOperation operation, bool isCommand)
    {
        if (isCommand)
        {
            Add(operation, MillraceHeaders.IdempotencyKey, ParameterLocation.Header,
                "A key that is the same in each attempt of the command. A repeated command gets the first answer.");
        }
        else
        {
            Add(
                operation,
                MillraceHeaders.Token,
                ParameterLocation.Header,
                "The token that the answer must reflect: the header of that name in a command's response.");
            Add(
                operation,
                "wait",
                ParameterLocation.Query,
                "The maximum time to wait for the token, such as 00:00:02; at most 30 seconds.");
        }
        foreach (var (status, response) in operation.Responses!) // The caller sets the value.
        {
            if (status.StartsWith('2') && response is OpenApiResponse good)
                good.Headers = (isCommand ? OfCommands : OfQueries).ToDictionary(
                    header => header.Name, HeaderOf, StringComparer.Ordinal);
        }
    }

    private static void Add(OpenApiOperation operation, string name, ParameterLocation place, string meaning) =>
        operation.Parameters!.Add(new OpenApiParameter // The caller sets the value.
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
