using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Millrace.AspNetCore.OpenApi;

namespace Millrace.AspNetCore;

/// <summary>What OpenAPI says about a route for operators.</summary>
/// <param name="summary">What it does, in a sentence.</param>
internal sealed partial class OperatorOperation(string summary)
{
    private static readonly (string Status, string Meaning)[] Problems =
    [
        ("400", "The request is not well formed."),
        ("401", "One must sign in for that."),
        ("403", "The user may not do that."),
        ("404", "There is no such thing."),
    ];

    /// <summary>The type of the answer; null when it is not described, or there is none.</summary>
    public Type? Answer { get; init; }

    /// <summary>The status of the answer.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The type of the body; null when there is none.</summary>
    public Type? Body { get; init; }

    /// <summary>What may be given in the query string.</summary>
    public IReadOnlyList<OperatorParameter> Query { get; init; } = [];

    /// <summary>When it is refused, as 409; null when that cannot be.</summary>
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
        if (operation.Parameters!.Any(there => there.Name == parameter.Name)) // Made by the caller.
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
            ?.Find(typeof(HttpProblem), context.Document!); // One is made.
        IEnumerable<(string Status, string Meaning)> all = Conflict is null
            ? Problems
            : [.. Problems, ("409", Conflict)];
        foreach (var (status, meaning) in all)
        {
            operation.Responses!.TryAdd(status, new OpenApiResponse // Made by the caller.
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
