using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Millrace.AspNetCore.OpenApi;

namespace Millrace.AspNetCore.Operators;

/// <summary>The OpenAPI description of a route for operators.</summary>
/// <param name="summary">A sentence that describes the operation.</param>
internal sealed partial class OperatorOperation(string summary)
{
    private static readonly (string Status, string Meaning)[] Problems =
    [
        ("400", "The request is malformed."),
        ("401", "Authentication is required."),
        ("403", "The user is not allowed to do this."),
        ("404", "Not found."),
    ];

    /// <summary>Gets the type of the answer, or null if the operation has no described answer.</summary>
    public Type? Answer { get; init; }

    /// <summary>Gets the status of a successful response.</summary>
    public int Status { get; init; } = 200;

    /// <summary>
    /// Gets whether the response contains events or documents, so that the audit trail records it. The default is
    /// false.
    /// </summary>
    public bool ShowsData { get; init; }

    /// <summary>Gets the type of the body, or null if the request has no body.</summary>
    public Type? Body { get; init; }

    /// <summary>Gets the parameters of the query string.</summary>
    public IReadOnlyList<OperatorParameter> Query { get; init; } = [];

    /// <summary>Gets the description of a 409 response, or null if the operation has no such response.</summary>
    public string? Conflict { get; init; }

    public async Task Describe(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Summary = summary;
        operation.Parameters ??= [];
        operation.Responses ??= [];
        foreach (Match part in RouteParts().Matches(context.Description.RelativePath ?? ""))
            await Add(
                    operation,
                    context,
                    new(part.Groups[1].Value, PartType(part), ""),
                    ParameterLocation.Path,
                    cancellationToken)
                .ConfigureAwait(false);
        foreach (var parameter in Query)
            await Add(operation, context, parameter, ParameterLocation.Query, cancellationToken).ConfigureAwait(false);
        DescribeProblems(operation, context);
    }

    private static Type PartType(Match part) => part.Groups[2].Value == ":long" ? typeof(long) : typeof(string);

    private static async Task Add(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        OperatorParameter parameter,
        ParameterLocation place,
        CancellationToken cancellationToken)
    {
        if (operation.Parameters!.Any(existing => existing.Name == parameter.Name)) // Not null: the caller sets it.
            return;
        operation.Parameters!.Add(
            new OpenApiParameter
            {
                Name = parameter.Name,
                In = place,
                Required = place == ParameterLocation.Path,
                Description = parameter.Meaning.Length > 0 ? parameter.Meaning : null,
                Schema = await context
                    .GetOrCreateSchemaAsync(parameter.Type, null, cancellationToken)
                    .ConfigureAwait(false),
            }
        );
    }

    private void DescribeProblems(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var schema = context
            .ApplicationServices.GetService<ModelSchemas>()
            ?.Find(typeof(HttpProblem), context.Document!); // Not null while the document is generated.
        IEnumerable<(string Status, string Meaning)> all = Conflict is null
            ? Problems
            : [.. Problems, ("409", Conflict)];
        foreach (var (status, meaning) in all)
        {
            operation.Responses!.TryAdd(status, new OpenApiResponse // Not null: the caller sets it.
            {
                Description = meaning,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/problem+json"] = new() { Schema = schema },
                },
            });
        }
    }

    [GeneratedRegex("""\{\*{0,2}(\w+)(:\w+)?\}""")]
    private static partial Regex RouteParts();
}
