using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;
using Millrace.Shared.Naming;

namespace Millrace.Generators.Messages;

/// <summary>The typed ids of an assembly by name.</summary>
internal sealed class IdTypes(Compilation compilation)
{
    private readonly ConcurrentDictionary<string, INamedTypeSymbol?> _found = new(StringComparer.Ordinal);

    /// <summary>
    /// Returns the typed id that matches a member of a plain type, such as <c>Guid OrderId</c>, <c>string
    /// BuyerCustomerId</c> or <c>Guid Order</c>.
    /// </summary>
    public INamedTypeSymbol? For(IPropertySymbol property)
    {
        if (!IsPlain(property.Type) || Find(property.ContainingType.Name) is not null)
            return null;
        var words = Words(property.Name);
        var endsWithId = words.Count > 1 && words[words.Count - 1] == "Id";
        var isGuid = property.Type.Underlying().Is("System.Guid");
        if (!endsWithId && !isGuid)
            return null; // A string named Customer may be a name.
        for (var from = 0; from < words.Count - (endsWithId ? 1 : 0); from++)
        {
            var name = string.Concat(words.Skip(from)) + (endsWithId ? "" : "Id");
            if (Find(name) is { } id
                && SymbolEqualityComparer.Default.Equals(InnerType(id), property.Type.Underlying()))
                return id; // An id of another inner type is a different id, such as an id of an external system.
        }
        return null;
    }

    private INamedTypeSymbol? Find(string name) => _found.GetOrAdd(name, idName => compilation
        .GetSymbolsWithName(idName, SymbolFilter.Type)
        .OfType<INamedTypeSymbol>()
        .FirstOrDefault(type => type.Attribute(MetadataNames.Id) is not null));

    private static ITypeSymbol? InnerType(INamedTypeSymbol id) =>
        id.Attribute(MetadataNames.Id)?.AttributeClass?.TypeArguments.FirstOrDefault();

    private static bool IsPlain(ITypeSymbol type) => type.Underlying() is var plain
        && (plain.Is("System.Guid")
            || plain.SpecialType is SpecialType.System_String or SpecialType.System_Int32 or SpecialType.System_Int64);

    private static List<string> Words(string name) =>
        [.. EventWords.OfType(name).Select(word => char.ToUpperInvariant(word[0]) + word.Substring(1))];
}
