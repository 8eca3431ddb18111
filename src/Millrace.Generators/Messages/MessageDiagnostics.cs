using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>The diagnostics about the members of events and other messages.</summary>
internal static class MessageDiagnostics
{
    public static readonly DiagnosticDescriptor Mutable = Finding.Warning(
        DiagnosticIds.EventMutable,
        "An event does not change",
        "'{0}' of '{1}' can be changed after the fact: {2}");

    public static readonly DiagnosticDescriptor MutableCollection = Finding.Warning(
        DiagnosticIds.EventCollectionMutable,
        "A collection of an event does not change",
        "'{0}' of '{1}' is a collection that anybody can change: use '{2}', or an immutable collection");

    public static readonly DiagnosticDescriptor NoRecord = Finding.Suggestion(
        DiagnosticIds.EventNoRecord,
        "An event is a record",
        "'{0}' is compared by reference: make it a record, which is compared by what it says");

    public static readonly DiagnosticDescriptor RawId = Finding.Warning(
        DiagnosticIds.RawId,
        "An id has its own type",
        "'{0}' of '{1}' is a plain '{2}', where any other id fits as well: use '{3}'");

    public static readonly DiagnosticDescriptor InexactMoney = Finding.Warning(
        DiagnosticIds.InexactMoney,
        "Money is exact",
        "'{0}' of '{1}' is a '{2}', which cannot hold a tenth: use 'decimal', best as a value with its currency");

    public static readonly DiagnosticDescriptor LocalTime = Finding.Warning(
        DiagnosticIds.LocalTime,
        "A time in an event says when it was, everywhere",
        "'{0}' of '{1}' is a DateTime, which leaves open where it was that time: use 'DateTimeOffset' for a moment, "
            + "'DateOnly' for a day"
    );
}
