using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Checks whether a custom converter supports its type.</summary>
internal static class JsonConverters
{
    /// <summary>Returns true if a converter is a converter factory.</summary>
    public static bool IsFactory(INamedTypeSymbol converter) =>
        converter.Base(MetadataNames.JsonConverterFactory) is not null;

    /// <summary>
    /// Returns true if a converter supports the type itself, and not only the type inside
    /// <see cref="System.Nullable{T}"/>.
    /// </summary>
    public static bool IsOf(INamedTypeSymbol converter, ITypeSymbol type) =>
        SymbolEqualityComparer.Default.Equals(converter.Base(MetadataNames.JsonConverterOf)?.TypeArguments[0], type);

    /// <summary>Returns the reason why a converter cannot be used, or null if it can be used.</summary>
    public static string? Problem(INamedTypeSymbol converter, ITypeSymbol type, Compilation compilation)
    {
        if (!converter.IsReachable(compilation))
            return "the converter is private: make it internal or public";
        var canBeCreated =
            !converter.IsAbstract
            && !converter.IsUnboundGenericType
            && converter.InstanceConstructors.Any(constructor =>
                constructor.Parameters.IsEmpty && constructor.IsReachable(compilation) && !constructor.IsForbidden());
        if (!canBeCreated)
            return "the converter must be a class with a public constructor without parameters, and without open type "
                + "parameters";
        return IsFactory(converter) || IsOf(converter, type)
            ? null
            : $"{converter.Display()} is neither a JsonConverter<{type.Display()}> nor a JsonConverterFactory";
    }
}
