using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Messages;

/// <summary>The diagnostics about the members of events and other messages.</summary>
internal static class MessageDiagnostics
{
    public static readonly DiagnosticDescriptor Mutable = Finding.Warning(
        DiagnosticIds.EventMutable,
        "An event is immutable",
        "'{0}' of '{1}' can be changed after the event: {2}");

    public static readonly DiagnosticDescriptor MutableCollection = Finding.Warning(
        DiagnosticIds.EventCollectionMutable,
        "A collection of an event is immutable",
        "'{0}' of '{1}' is a mutable collection: use '{2}', or an immutable collection");

    public static readonly DiagnosticDescriptor NoRecord = Finding.Suggestion(
        DiagnosticIds.EventNoRecord,
        "An event is a record",
        "'{0}' is compared by reference: make it a record, which is compared by value");

    public static readonly DiagnosticDescriptor RawId = Finding.Warning(
        DiagnosticIds.RawId,
        "An id has its own type",
        "'{0}' of '{1}' is a plain '{2}', which also accepts other ids: use '{3}'");

    public static readonly DiagnosticDescriptor InexactMoney = Finding.Warning(
        DiagnosticIds.InexactMoney,
        "Money is exact",
        "'{0}' of '{1}' is a '{2}', which cannot represent 0.1 exactly: use 'decimal', preferably in a value with its "
            + "currency");

    public static readonly DiagnosticDescriptor LocalTime = Finding.Warning(
        DiagnosticIds.LocalTime,
        "A time in an event is unambiguous",
        "'{0}' of '{1}' is a DateTime, whose time zone is ambiguous: use 'DateTimeOffset' for a point in time, "
            + "'DateOnly' for a day"
    );
}
