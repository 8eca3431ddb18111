namespace Millrace;

/// <summary>
/// Declares a business figure. The class is partial and has a static <c>Measure(TEvent e)</c> for each event, which
/// returns a <see cref="KpiValue"/>, null for no value, or several values as an <see cref="IEnumerable{T}"/>. The
/// generator reads these methods.
/// </summary>
/// <remarks>
/// <c>Measure</c> must be pure, without a clock or I/O. It can take a <see cref="RecordedEvent"/> as last parameter.
/// The figure is stored in hours by a projection with the name <c>kpi-NAME</c>, which is built from the first event.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class KpiAttribute(string name) : Attribute
{
    /// <summary>Gets the stable name, in kebab case.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// Gets or sets the version; 1 by default. Raise the version when the values change. The new version is built from
    /// the first event.
    /// </summary>
    public int Version { get; set; } = 1;

    /// <summary>Gets or sets how the values are combined; <see cref="KpiKind.Sum"/> by default.</summary>
    public KpiKind Kind { get; set; } = KpiKind.Sum;

    /// <summary>Gets or sets the unit, such as GBP; empty by default.</summary>
    public string Unit { get; set; } = "";

    /// <summary>Gets or sets the purpose of the figure; empty by default.</summary>
    public string Description { get; set; } = "";

    /// <summary>
    /// Gets or sets the dimensions, in kebab case, such as country; at most 8. There are none by default.
    /// </summary>
    public string[] Dimensions { get; set; } = [];

    /// <summary>
    /// Gets or sets the maximum number of members that an hour stores for each dimension; from 1 to 1,000, 100 by
    /// default. Later members of the hour are counted in <see cref="Kpis.OtherMember"/>.
    /// </summary>
    public int MaxMembers { get; set; } = 100;
}
