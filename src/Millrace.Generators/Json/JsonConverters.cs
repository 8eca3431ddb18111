using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>Decides whether a converter of the application fits the type that it is named for.</summary>
internal static class JsonConverters
{
    /// <summary>Whether it makes converters and is none itself.</summary>
    public static bool IsFactory(INamedTypeSymbol converter) =>
        converter.Base(MetadataNames.JsonConverterFactory) is not null;

    /// <summary>Whether it converts a type itself, not only what the type is a <see cref="System.Nullable{T}"/>
    /// of.</summary>
    public static bool IsOf(INamedTypeSymbol converter, ITypeSymbol type) =>
        SymbolEqualityComparer.Default.Equals(converter.Base(MetadataNames.JsonConverterOf)?.TypeArguments[0], type);

    /// <summary>Why it cannot be used; null when it can.</summary>
    public static string? Problem(INamedTypeSymbol converter, ITypeSymbol type, Compilation compilation)
    {
        if (!converter.IsReachable(compilation))
            return "the converter is private: make it internal or public";
        var canBeMade =
            !converter.IsAbstract
            && !converter.IsUnboundGenericType
            && converter.InstanceConstructors.Any(made =>
                made.Parameters.IsEmpty && made.IsReachable(compilation) && !made.IsForbidden());
        if (!canBeMade)
            return "the converter must be a class with a public constructor without parameters, and without open type "
                + "parameters";
        return IsFactory(converter) || IsOf(converter, type)
            ? null
            : $"{converter.Display()} is no JsonConverter<{type.Display()}> and no JsonConverterFactory";
    }
}
