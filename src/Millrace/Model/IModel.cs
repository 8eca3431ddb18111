namespace Millrace;

/// <summary>
/// A set of event types, aggregates, handlers and projections that can be added to a store. The generator implements
/// this interface for a class with <see cref="ModelAttribute"/>.
/// </summary>
public interface IModel
{
    /// <summary>Registers everything in the model.</summary>
    static abstract void Register(ModelBuilder model);
}
