using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>Knows what gives something else each time: clocks, randomness, the machine.</summary>
internal static class Nondeterminism
{
    public static bool Is(IPropertySymbol property) =>
        property is { ContainingType: { } type }
        && (type.Name, property.Name) switch
        {
            ("DateTime", "Now" or "UtcNow" or "Today") => IsSystem(type),
            ("DateTimeOffset", "Now" or "UtcNow") => IsSystem(type),
            ("Environment", not "NewLine") => IsSystem(type),
            ("Random", "Shared") => IsSystem(type),
            ("TimeProvider", "System") => IsSystem(type),
            _ => false,
        };

    /// <summary>Whether a method gives something else each time.</summary>
    /// <param name="method">The method.</param>
    /// <param name="when">When the code that calls it runs again: time that was handed in is steady enough except on
    /// replay.</param>
    public static bool Is(IMethodSymbol method, RerunTrigger when) =>
        method is { ContainingType: { } type }
        && (type.Name, method.Name) switch
        {
            ("Guid", "NewGuid") => IsSystem(type),
            ("Guid", "CreateVersion7") => IsSystem(type)
                && (when != RerunTrigger.OnConflict || method.Parameters.IsEmpty),
            ("Environment", not ("Exit" or "FailFast")) => IsSystem(type),
            ("Stopwatch", "StartNew" or "GetTimestamp") => true,
            ("Path", "GetRandomFileName" or "GetTempFileName") => true,
            ("RandomNumberGenerator", not "Dispose") => method.IsStatic,
            ("TimeProvider", "GetUtcNow" or "GetLocalNow" or "GetTimestamp") => IsSystem(type)
                && when == RerunTrigger.OnReplay,
            _ => false,
        };

    /// <summary>Whether a new object is something else each time.</summary>
    public static bool IsMade(IMethodSymbol? constructor) =>
        constructor is { ContainingType: { Name: "Random" } type, Parameters.IsEmpty: true } && IsSystem(type);

    private static bool IsSystem(INamedTypeSymbol type) =>
        type.ContainingNamespace is { Name: "System", ContainingNamespace.IsGlobalNamespace: true };
}
