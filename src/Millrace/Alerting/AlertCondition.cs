namespace Millrace;

/// <summary>The side of the threshold on which a value fires an alert.</summary>
public enum AlertCondition
{
    /// <summary>A value greater than the threshold fires the alert.</summary>
    Above,

    /// <summary>A value less than the threshold fires the alert.</summary>
    Below,
}
