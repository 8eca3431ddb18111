using System.Globalization;
using Microsoft.CodeAnalysis;
using Millrace.Generators.Business;
using Millrace.Generators.Cbor;
using Millrace.Generators.Handlers;
using Millrace.Generators.Marks;
using Millrace.Generators.ProcessManagers;
using Millrace.Generators.Projecting;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Upcasts;

namespace Millrace.Generators.Models;

/// <summary>Finds the problems of a whole model: unsupported JSON and duplicates.</summary>
internal static class ModelCheck
{
    public static IEnumerable<DiagnosticInfo> Problems(ModelParts parts) =>
        parts.Graphs.SelectMany(graph => graph.Problems).Concat(DuplicateNames(parts))
            .Concat(UpcastCheck.Problems(parts)).Concat(FormatCheck.Problems(parts))
            .Concat(MarkResolver.Resolve(parts).Problems).Distinct();

    private static IEnumerable<DiagnosticInfo> DuplicateNames(ModelParts parts)
    {
        foreach (var (first, other) in Duplicates(parts.Events, found => $"{found.Name}@{found.Version}"))
        {
            yield return At(
                Diagnostics.EventTwice,
                other.Location,
                ShortNameOf(first.FullName),
                ShortNameOf(other.FullName),
                other.Name,
                Text(other.Version));
        }
        foreach (var (first, other) in Duplicates(parts.Aggregates, found => found.Category))
            yield return At(
                Diagnostics.CategoryTwice, other.Location, first.Type.Name, other.Type.Name, other.Category);
        foreach (var (first, other) in Duplicates(Owners(parts), found => found.Category))
        {
            if (first.IsDecider || other.IsDecider)
                yield return At(Diagnostics.CategoryShared, other.Location, first.Name, other.Name, other.Category);
        }
        foreach (var (first, other) in Duplicates(parts.Handlers, found => found.Message))
            yield return At(
                HandlerDiagnostics.Twice, other.Location, ShortNameOf(other.Message), ShortNameOf(first.Container));
        foreach (var (first, other) in Duplicates(parts.Handlers, found => $"{found.IsQuery}:{found.Name}"))
        {
            if (first.Message != other.Message)
                yield return At(
                    HandlerDiagnostics.MessageNameTwice,
                    other.Location,
                    ShortNameOf(first.Message),
                    ShortNameOf(other.Message),
                    other.Name);
        }
        foreach (var (first, other) in Duplicates(parts.Projections, found => $"{found.Name}@{found.Version}"))
            yield return At(
                ProjectionDiagnostics.Twice,
                other.Location,
                first.Type.Name,
                other.Type.Name,
                other.Name,
                Text(other.Version));
        foreach (var (first, other) in Duplicates(parts.Kpis, found => found.Name))
            yield return At(KpiDiagnostics.Twice, other.Location, first.Type.Name, other.Type.Name, other.Name);
        foreach (var (first, other) in Duplicates(parts.Processes, found => $"{found.Name}@{found.Version}"))
            yield return At(
                ProcessDiagnostics.Twice,
                other.Location,
                first.Type.Name,
                other.Type.Name,
                other.Name,
                Text(other.Version));
    }

    /// <summary>Returns the owners of categories. Aggregates precede deciders.</summary>
    private static IEnumerable<(string Name, string Category, LocationInfo? Location, bool IsDecider)> Owners(
        ModelParts parts) =>
        parts
            .Aggregates.Select(found => (found.Type.Name, found.Category, found.Location, false))
            .Concat(parts.Deciders.Select(found => (found.Type.Name, found.Category, found.Location, true)));

    private static IEnumerable<(T First, T Other)> Duplicates<T>(IEnumerable<T> items, Func<T, string> key) => items
        .GroupBy(key, StringComparer.Ordinal)
        .SelectMany(group => group.Skip(1).Select(other => (group.First(), other)));

    private static DiagnosticInfo At(
        DiagnosticDescriptor descriptor, LocationInfo? location, params string[] arguments) =>
        new(descriptor, location, arguments.ToEquatable());

    private static string ShortNameOf(string fullName) => fullName.Substring(fullName.LastIndexOfAny(['.', ':']) + 1);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
