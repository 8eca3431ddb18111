using Millrace;

namespace Shapes;

/// <summary>A model with every kind of member that an event may have.</summary>
[Model]
public sealed partial class ShapesModel;
