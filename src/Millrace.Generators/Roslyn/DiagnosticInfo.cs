using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Millrace.Generators;

/// <summary>A diagnostic without symbols or syntax, which can be kept between runs.</summary>
internal sealed record DiagnosticInfo(
    DiagnosticDescriptor Descriptor, LocationInfo? Place, EquatableArray<string> Arguments)
{
    /// <summary>The key of the detail for code fixes.</summary>
    public const string DetailProperty = "Detail";

    /// <summary>Data for a code fix beyond the message.</summary>
    public string? Detail { get; init; }

    public static DiagnosticInfo At(DiagnosticDescriptor descriptor, ISymbol symbol, params string[] arguments) =>
        new(
            descriptor,
            LocationInfo.Of(symbol.Locations.FirstOrDefault(location => location.IsInSource)),
            arguments.ToEquatable());

    public Diagnostic ToDiagnostic(Compilation compilation) =>
        Diagnostic.Create(
            Descriptor,
            Place?.ToLocation(compilation) ?? Location.None,
            Detail is null ? null : ImmutableDictionary<string, string?>.Empty.Add(DetailProperty, Detail),
            [.. Arguments.Select(argument => (object)argument)]);
}

/// <summary>A location in a file.</summary>
internal sealed record LocationInfo(string File, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationInfo? Of(Location? location) =>
        location?.SourceTree is { } tree ? new(tree.FilePath, location.SourceSpan, location.GetLineSpan().Span) : null;

    /// <summary>Returns the location in the current compilation, so that local suppressions apply.</summary>
    public Location ToLocation(Compilation compilation)
    {
        foreach (var tree in compilation.SyntaxTrees)
        {
            if (tree.FilePath == File && Span.End <= tree.Length)
                return Location.Create(tree, Span);
        }
        return Location.Create(File, Span, Lines);
    }
}
