using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Millrace.AspNetCore.Binding;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>
/// Adds parameters, body, answer, headers and problems to the OpenAPI description of an endpoint. ASP.NET Core cannot
/// determine them from a request delegate.
/// </summary>
/// <param name="reader">Reads the command or query.</param>
/// <param name="answer">The type of the answer, or null if the message has no answer.</param>
/// <param name="isCommand">True for a command.</param>
/// <param name="hasBody">True if the body contains the members that are not in the route, and false if the query string
/// contains them.</param>
internal sealed class MessageOperation(MessageReader reader, Type? answer, bool isCommand, bool hasBody)
{
    /// <summary>The types of the members that are in the route or the query string.</summary>
    public IEnumerable<Type> ParameterTypes => reader.Members.Select(member => member.Type.Type);

    public async Task Describe(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Summary ??= reader.Summary;
        operation.Parameters ??= [];
        operation.Responses ??= [];
        var schemas = context.ApplicationServices.GetService<ModelSchemas>();
        var inRoute = RouteNames(context.Description.RelativePath);
        foreach (var member in reader.Members)
        {
            var name = inRoute.FirstOrDefault(member.IsNamed);
            if (name is null && hasBody)
                continue;
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = name ?? member.Name,
                    In = name is null ? ParameterLocation.Query : ParameterLocation.Path,
                    Required = name is not null || member is { IsRequired: true, IsList: false },
                    Description = member.Description.Summary,
                    Schema =
                        schemas?.Find(member.Type.Type, context.Document!) // Not null during generation.
                        ?? await context
                            .GetOrCreateSchemaAsync(member.Type.Type, null, cancellationToken)
                            .ConfigureAwait(false),
                }
            );
        }
        if (schemas is not null)
        {
            DescribeBody(operation, schemas, inRoute, context.Document!);
            DescribeAnswer(operation, schemas, context.Document!);
        }
        MessageHeaders.Describe(operation, isCommand);
        var mayBeDenied = context.ApplicationServices.GetService<IAuthorizer>() is not null;
        MessageProblems.Describe(operation, isCommand, mayBeDenied, schemas, context.Document!);
    }

    /// <summary>
    /// Describes the body, which contains the members that are not in the route. If the route contains all members, the
    /// request has no body.
    /// </summary>
    private void DescribeBody(
        OpenApiOperation operation, ModelSchemas schemas, IReadOnlyList<string> inRoute, OpenApiDocument document)
    {
        if (operation.RequestBody is not OpenApiRequestBody { Content: { } content } body)
            return;
        if (reader.IsPolymorphic)
            return; // The whole body is one of several objects.
        var inBody = reader.Members.Where(member => !inRoute.Any(member.IsNamed)).ToList();
        if (inBody.Count == 0)
        {
            operation.RequestBody = null;
            return;
        }
        body.Required = inBody.Any(member => member.IsRequired);
        if (inBody.Count == reader.Members.Count)
            return;
        foreach (var media in content.Values)
            media.Schema = schemas.Object(inBody.Select(member => member.Description), document);
    }

    /// <summary>
    /// Describes the answer. Lists and maps are described in the response, because they are not components.
    /// </summary>
    private void DescribeAnswer(OpenApiOperation operation, ModelSchemas schemas, OpenApiDocument document)
    {
        if (answer is null || schemas.Find(answer, document) is not { } schema)
            return;
        foreach (var response in operation.Responses!.Values) // Not null: the caller sets it.
        {
            foreach (var media in response.Content?.Values.AsEnumerable() ?? [])
                media.Schema = schema;
        }
    }

    private static string[] RouteNames(string? path) =>
        path is null
            ? []
            :
            [
                .. path.Split('/')
                    .Where(part => part is ['{', .., '}'])
                    .Select(part => part.Trim('{', '}', '*').Split(':', '=', '?')[0]),
            ];
}
