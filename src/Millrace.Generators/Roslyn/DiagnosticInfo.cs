using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Marks;

namespace Millrace.Generators.Roslyn;

/// <summary>A diagnostic that holds no symbols or syntax, so that the generator can cache it between runs.</summary>
internal sealed record DiagnosticInfo(
    DiagnosticDescriptor Descriptor, LocationInfo? Location, EquatableArray<string> Arguments)
{
    /// <summary>The property key under which a diagnostic stores the <see cref="Detail"/> for code fixes.</summary>
    public const string DetailProperty = "Detail";

    /// <summary>Gets data that a code fix needs and that is not in the message.</summary>
    public string? Detail { get; init; }

    /// <summary>Gets the member at which the diagnostic is reported if there is no location.</summary>
    public MemberName? Member { get; init; }

    public static DiagnosticInfo At(DiagnosticDescriptor descriptor, ISymbol symbol, params string[] arguments) =>
        new(
            descriptor,
            LocationInfo.Of(symbol.Locations.FirstOrDefault(location => location.IsInSource)),
            arguments.ToEquatable());

    public Diagnostic ToDiagnostic(Compilation compilation) =>
        Diagnostic.Create(
            Descriptor,
            Location?.ToLocation(compilation) ?? MemberLocation(compilation) ?? Microsoft.CodeAnalysis.Location.None,
            Detail is null ? null : ImmutableDictionary<string, string?>.Empty.Add(DetailProperty, Detail),
            [.. Arguments.Select(argument => (object)argument)]);

    private Location? MemberLocation(Compilation compilation) => Member is null
        ? null
        : compilation.GetTypeByMetadataName(Member.Type)
            ?.GetMembers(Member.Name)
            .SelectMany(member => member.Locations)
            .FirstOrDefault(location => location.IsInSource);
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
