using Microsoft.CodeAnalysis;
using Millrace.Generators.Folds;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Projecting;

/// <summary>Pairs the <c>Key</c> and <c>Apply</c> methods of a projection by their event.</summary>
internal sealed class FoldParser(
    Compilation compilation,
    INamedTypeSymbol type,
    FoldLevels levels,
    ITypeSymbol key,
    ITypeSymbol document,
    List<DiagnosticInfo> problems)
{
    public IReadOnlyList<FoldModel> Parse()
    {
        var keys = Methods("Key", ReadKey);
        var applies = Methods("Apply", ReadApply);
        var (keyName, documentName) = (key.Display(), document.Display());
        foreach (var pair in applies.Where(pair => !keys.ContainsKey(pair.Key)))
        {
            var fix = RenameTo("Key", pair.Key) ?? $"add 'public static {keyName} Key({ShortNameOf(pair.Key)} e)'";
            problems.Add(
                DiagnosticInfo.At(
                    ProjectionDiagnostics.ApplyWithoutKey,
                    pair.Value.Method.InSourceOr(type),
                    ShortNameOf(pair.Key),
                    fix));
        }
        foreach (var pair in keys.Where(pair => !applies.ContainsKey(pair.Key)))
        {
            var fix = RenameTo("Apply", pair.Key)
                ?? $"add 'public static {documentName}? Apply({documentName}? document, {ShortNameOf(pair.Key)} e)'";
            problems.Add(
                DiagnosticInfo.At(
                    ProjectionDiagnostics.KeyWithoutApply,
                    pair.Value.Method.InSourceOr(type),
                    ShortNameOf(pair.Key),
                    fix));
        }
        // A derived event is handled before its base event, because the method of the base event accepts both.
        return
        [
            .. applies
                .Where(pair => keys.ContainsKey(pair.Key))
                .OrderByDescending(pair => DepthOf(pair.Value.Method))
                .Select(pair =>
                    pair.Value.Fold with
                    {
                        Keys = keys[pair.Key].Fold.Keys,
                        KeyTakesRecorded = keys[pair.Key].Fold.KeyTakesRecorded,
                        KeyOwner = OwnerOf(keys[pair.Key].Method),
                        ApplyOwner = OwnerOf(pair.Value.Method),
                    }
                ),
        ];
    }

    /// <summary>
    /// Suggests the correct name of a misspelt method for the event. The compiler does not report the warning about the
    /// name together with this error.
    /// </summary>
    private string? RenameTo(string name, string @event) =>
        type.GetMembers().OfType<IMethodSymbol>()
            .FirstOrDefault(method => method.Name != name && FoldName.IsSimilar(method.Name, name)
                && method.Parameters.Any(parameter => parameter.Type.FullName() == @event)) is { } misspelt
            ? $"rename '{misspelt.Name}' to '{name}'"
            : null;

    private static int DepthOf(IMethodSymbol apply) =>
        // A parsed method has an event parameter.
        apply.Parameters.First(parameter => parameter.Type.Attribute(MetadataNames.Event) is not null).Type.Depth();

    private Dictionary<string, (IMethodSymbol Method, FoldModel Fold)> Methods(
        string name, Func<IMethodSymbol, FoldModel?> read)
    {
        var found = new Dictionary<string, (IMethodSymbol, FoldModel)>(StringComparer.Ordinal);
        ReportInterfaceMethods(name);
        foreach (var method in levels.Methods(name))
        {
            var used = method.Parameters.Select(parameter => parameter.Type).Append(method.ReturnType);
            if (used.Any(found => found.TypeKind == TypeKind.Error))
                continue; // The compiler reports the error.
            if (read(method) is not { } fold)
            {
                var symbol = method.InSourceOr(type);
                problems.Add(
                    DiagnosticInfo.At(
                        ProjectionDiagnostics.Method, symbol, name, type.Name, key.Display(), document.Display()));
            }
            else if (fold.Event.Length > 0
                && IsCalled(method, found.TryGetValue(fold.Event, out var other) ? other.Item1 : null))
                found[fold.Event] = (method, fold);
        }
        return found;
    }

    /// <summary>
    /// Checks whether a method is called. If several classes have a method for the event, the method of the most
    /// derived class is called, as in C#.
    /// </summary>
    private bool IsCalled(IMethodSymbol method, IMethodSymbol? other)
    {
        var problem =
            levels.Owner is { } owner ? $"'{owner.Name}' has its own Fold: override it, or remove it"
            : other is not null && Same(other.ContainingType, method.ContainingType)
                ? "another one for the same event is called: remove one"
            : other is not null ? ""
            // An empty text means that the error is reported at the declaration of the method.
            : !levels.IsReachable(method) && !method.DeclaringSyntaxReferences.IsEmpty ? ""
            : !levels.IsReachable(method) ? $"'{type.Name}' cannot call it: make it protected"
            : !method.IsStatic && levels.FindPreferred(method, EventIn(method)) is { } preferred
                ? $"that of '{preferred.ContainingType.Name}' is called instead: make it static"
            : null;
        if (problem is { Length: > 0 })
            ReportOverlooked(method.InSourceOr(type), method.Name, problem);
        return problem is null;
    }

    private void ReportInterfaceMethods(string name)
    {
        foreach (var symbol in levels.OfInterfaces(name).Distinct(SymbolEqualityComparer.Default))
            ReportOverlooked(symbol!, name, "it belongs to an interface: write it as a method of the class");
    }

    private void ReportOverlooked(ISymbol symbol, string name, string problem) =>
        problems.Add(DiagnosticInfo.At(InheritedFoldDiagnostics.Overlooked, symbol, name, type.Name, problem));

    private static ITypeSymbol EventIn(IMethodSymbol method) =>
        // A parsed method has an event parameter.
        method.Parameters.First(parameter => parameter.Type.Attribute(MetadataNames.Event) is not null).Type;

    /// <summary>
    /// Returns the receiver of a call. A static method of a base class is called with the name of that class, because a
    /// method of a derived class may hide it.
    /// </summary>
    private string OwnerOf(IMethodSymbol method) =>
        method.IsStatic && !Same(method.ContainingType, type) ? method.ContainingType.FullName() + "." : "";

    private FoldModel? ReadKey(IMethodSymbol method)
    {
        var parameters = method.Parameters.ToList();
        if (method.IsGenericMethod || parameters.Exists(parameter => parameter.RefKind != RefKind.None))
            return null;
        var takesRecorded = RemoveRecordedParameter(parameters);
        if (parameters.Count != 1 || CountOf(method.ReturnType) is not { } count)
            return null;
        return new(EventOf(method, parameters[0].Type), count, takesRecorded, false, false);
    }

    private FoldModel? ReadApply(IMethodSymbol method)
    {
        var parameters = method.Parameters.ToList();
        if (method.IsGenericMethod || parameters.Exists(parameter => parameter.RefKind != RefKind.None))
            return null;
        var takesRecorded = RemoveRecordedParameter(parameters);
        var takesKey = parameters.Count == 3 && Same(parameters[0].Type, key);
        if (takesKey)
            parameters.RemoveAt(0);
        if (parameters.Count != 2 || !Same(parameters[0].Type, document) || !Same(method.ReturnType, document))
            return null;
        return new(EventOf(method, parameters[1].Type), KeyCount.One, false, takesKey, takesRecorded)
        {
            Rule = RuleOf(method),
        };
    }

    private string RuleOf(IMethodSymbol method)
    {
        var types = method.Parameters.Select(parameter => parameter.Type.DisplayWithNull());
        return $"{type.Name}.{method.Name}({string.Join(", ", types)})";
    }

    private string EventOf(IMethodSymbol method, ITypeSymbol found)
    {
        if (found.Attribute(MetadataNames.Event) is not null)
            return found.FullName();
        problems.Add(
            DiagnosticInfo.At(ProjectionDiagnostics.ApplyNoEvent, method.InSourceOr(type), method.Name, found.Name));
        return "";
    }

    private KeyCount? CountOf(ITypeSymbol returned)
    {
        if (Same(returned, key))
            return returned.IsAnnotated() ? KeyCount.OneOrNone : KeyCount.One;
        if (returned is INamedTypeSymbol
            {
                OriginalDefinition.SpecialType: SpecialType.System_Nullable_T,
                TypeArguments: [var underlying]
            }
        )
            return Same(underlying, key) ? KeyCount.OneOrNone : null;
        var keys = compilation.GetSpecialType(SpecialType.System_Collections_Generic_IEnumerable_T).Construct(key);
        return Same(returned, keys) || returned.AllInterfaces.Any(interfaceType => Same(interfaceType, keys))
            ? KeyCount.Many
            : null;
    }

    private static bool RemoveRecordedParameter(List<IParameterSymbol> parameters)
    {
        if (parameters.Count < 2 || !parameters[parameters.Count - 1].Type.Is(MetadataNames.RecordedEvent))
            return false;
        parameters.RemoveAt(parameters.Count - 1);
        return true;
    }

    private static bool Same(ITypeSymbol left, ITypeSymbol right) => SymbolEqualityComparer.Default.Equals(left, right);

    private static string ShortNameOf(string fullName) => fullName.Substring(fullName.LastIndexOfAny(['.', ':']) + 1);
}
