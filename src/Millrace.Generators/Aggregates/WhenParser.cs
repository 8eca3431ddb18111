using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Folds;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Aggregates;

/// <summary>Parses the <c>When</c> methods of an aggregate and its base classes.</summary>
internal sealed class WhenParser(INamedTypeSymbol type, FoldLevels levels, List<DiagnosticInfo> problems)
{
    /// <summary>
    /// Returns the events that the aggregate folds. If several methods accept an event, the method of the most derived
    /// class is called, as in C#.
    /// </summary>
    public EquatableArray<string> Events()
    {
        var events = new List<ITypeSymbol>();
        foreach (var when in levels.Methods("When"))
        {
            if (EventOf(when) is not { } found || events.Contains(found, SymbolEqualityComparer.Default))
                continue;
            if (!levels.IsReachable(when))
                ReportHidden(when);
            else if (levels.IsOwned(when))
                continue;
            else if (levels.FindPreferred(when, found) is { } other)
                ReportOverlooked(
                    when,
                    $"'{Signature(other)}' of '{other.ContainingType.Name}' is called instead: add "
                        + $"'When({found.Name})' there"
                );
            else
                events.Add(found);
        }
        ReportInterfaceMethods();
        return events.ToCases();
    }

    /// <summary>
    /// Reports methods that a hand-written or sealed <c>Evolve</c> does not call. Returns no events.
    /// </summary>
    public EquatableArray<string> ReportUncalled()
    {
        var isByHand = type.GetMembers("Evolve").Any(member => member.IsOverride);
        if (isByHand && MentionsWhen())
            return default;
        var owner = isByHand ? type.Name : levels.Owner?.Name ?? "";
        foreach (
            var when in levels.Methods("When").Where(when => when.Parameters.Any(IsEvent) && !levels.IsOwned(when)))
            ReportOverlooked(
                when,
                $"'{owner}' has its own Evolve, which does not call it: call it there, or remove that Evolve");
        return default;
    }

    private ITypeSymbol? EventOf(IMethodSymbol when)
    {
        var symbol = when.InSourceOr(type);
        if (when is
            {
                IsStatic: false,
                ReturnsVoid: true,
                IsGenericMethod: false,
                Parameters: [{ RefKind: RefKind.None } parameter]
            }
        )
        {
            if (IsEvent(parameter))
                return parameter.Type;
            if (parameter.Type.TypeKind != TypeKind.Error)
                problems.Add(DiagnosticInfo.At(Diagnostics.WhenNoEvent, symbol, parameter.Type.Name, type.Name));
            return null;
        }
        problems.Add(DiagnosticInfo.At(Diagnostics.WhenShape, symbol, type.Name));
        return null;
    }

    /// <summary>
    /// Reports a method of another assembly that the class cannot call. For a method of this assembly, the compilation
    /// of its declaration reports it.
    /// </summary>
    private void ReportHidden(IMethodSymbol when)
    {
        if (when.DeclaringSyntaxReferences.IsEmpty)
            ReportOverlooked(when, $"'{type.Name}' cannot call it: make it protected");
    }

    private void ReportInterfaceMethods()
    {
        foreach (var symbol in levels.OfInterfaces("When").Distinct(SymbolEqualityComparer.Default))
        {
            const string Fix = "it belongs to an interface: write it as a method of the class";
            // No element is null.
            problems.Add(DiagnosticInfo.At(InheritedFoldDiagnostics.Overlooked, symbol!, "When", type.Name, Fix));
        }
    }

    private void ReportOverlooked(IMethodSymbol when, string problem) =>
        problems.Add(
            DiagnosticInfo.At(
                InheritedFoldDiagnostics.Overlooked,
                when.InSourceOr(type),
                Signature(when),
                when.ContainingType.Name,
                problem));

    /// <summary>Returns true if the code of the class uses the name <c>When</c> outside of declarations.</summary>
    private bool MentionsWhen() => type.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax())
        .SelectMany(syntax => syntax.DescendantNodes().OfType<SimpleNameSyntax>())
        .Any(name => name.Identifier.ValueText == "When");

    private static bool IsEvent(IParameterSymbol parameter) =>
        parameter.Type.Attribute(MetadataNames.Event) is not null;

    private static string Signature(IMethodSymbol when) =>
        $"When({string.Join(", ", when.Parameters.Select(parameter => parameter.Type.Display()))})";
}
