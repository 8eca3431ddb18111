using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Millrace.Generators;

/// <summary>A diagnostic without symbols or syntax, so that it can be kept between runs.</summary>
internal sealed record DiagnosticInfo(DiagnosticDescriptor Descriptor, PlaceInfo? Place, EquatableArray<string> Arguments)
{
    public static DiagnosticInfo At(DiagnosticDescriptor descriptor, ISymbol symbol, params string[] arguments) =>
        new(descriptor, PlaceInfo.Of(symbol.Locations.FirstOrDefault(location => location.IsInSource)), arguments.ToEquatable());

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Descriptor, Place?.ToLocation() ?? Location.None, [.. Arguments.Select(argument => (object)argument)]);
}

/// <summary>A place in a file.</summary>
internal sealed record PlaceInfo(string File, TextSpan Span, LinePositionSpan Lines)
{
    public static PlaceInfo? Of(Location? location) =>
        location?.SourceTree is { } tree ? new(tree.FilePath, location.SourceSpan, location.GetLineSpan().Span) : null;

    public Location ToLocation() => Location.Create(File, Span, Lines);
}
