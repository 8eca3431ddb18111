namespace Millrace;

/// <summary>
/// Says which model an assembly holds, so that tests find it without searching. Generated beside the model; written by
/// hand for a model written by hand.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public abstract class AssemblyModelAttribute : Attribute
{
    private protected AssemblyModelAttribute()
    {
    }

    /// <summary>Registers everything in the model.</summary>
    public abstract void Register(ModelBuilder model);
}

/// <summary>Says which model an assembly holds.</summary>
/// <typeparam name="TModel">The model.</typeparam>
public sealed class AssemblyModelAttribute<TModel> : AssemblyModelAttribute
    where TModel : IModel
{
    /// <inheritdoc/>
    public override void Register(ModelBuilder model)
    {
        ArgumentNullException.ThrowIfNull(model);
        TModel.Register(model);
    }
}
