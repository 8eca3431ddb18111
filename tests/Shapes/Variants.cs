using System.Text.Json.Serialization;
using Millrace;

namespace Shapes;

/// <summary>A polymorphic record with a named discriminator.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Circle), "circle")]
[JsonDerivedType(typeof(Square), "square")]
[JsonDerivedType(typeof(Group), "group")]
public abstract record Figure(string Name);

public sealed record Circle(string Name, double Radius) : Figure(Name);

public sealed record Square(string Name, decimal Side, Colour Colour) : Figure(Name)
{
    public string? Note { get; init; }
}

public sealed record Group(string Name, IReadOnlyList<Figure> Figures, IReadOnlyDictionary<string, Figure?> Named)
    : Figure(Name);

/// <summary>A polymorphic interface with numbers as discriminators.</summary>
[JsonDerivedType(typeof(Paid), 1)]
[JsonDerivedType(typeof(Due), 2)]
public interface IInvoiceState;

public sealed record Paid(DateTimeOffset At, decimal Amount) : IInvoiceState;

public sealed record Due(DateOnly Day, IInvoiceState? Before) : IInvoiceState;

/// <summary>An event whose members are polymorphic.</summary>
[Event("variants.held")]
public sealed record VariantsHeld(
    Figure Figure,
    Figure? Perhaps,
    List<Figure> Figures,
    Dictionary<string, Figure?> Named,
    IInvoiceState State,
    IInvoiceState[] States);
