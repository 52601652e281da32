using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace LexCustis.OpenApi;

/// <summary>The product's own doc comments, which its compiler writes to <c>lexcustis.xml</c>: what stands at the code is what the document says.</summary>
internal sealed partial class CodeDocumentation
{
    private readonly Dictionary<string, XElement> members;

    private CodeDocumentation(IEnumerable<XElement> members) =>
        this.members = members.ToDictionary(static member => member.Attribute("name")!.Value, StringComparer.Ordinal);

    /// <summary>Of the copy beside this program.</summary>
    public static CodeDocumentation Read() =>
        new(XDocument.Load(Path.Combine(AppContext.BaseDirectory, "lexcustis.xml")).Root!.Element("members")!.Elements("member"));

    public string? Summary(Type type) => Text(Find(type)?.Element("summary"));

    /// <summary>The handler's own comment, or its slice's.</summary>
    public string? Summary(MethodInfo handler) => Text(Find(handler)?.Element("summary")) ?? (handler.DeclaringType is { } slice ? Summary(slice) : null);

    /// <summary>A property's own comment, or the one of the record's parameter that it comes from.</summary>
    public string? Summary(PropertyInfo property) =>
        Text(members.GetValueOrDefault($"P:{NameOf(property.DeclaringType!)}.{property.Name}")?.Element("summary")) ?? Text(Parameter(Find(property.DeclaringType!), property.Name));

    public string? Summary(ParameterInfo parameter) => parameter.Member is MethodInfo handler ? Text(Parameter(Find(handler), parameter.Name!)) : null;

    private static XElement? Parameter(XElement? member, string name) => member?.Elements("param").FirstOrDefault(one => one.Attribute("name")?.Value == name);

    private XElement? Find(Type type) => members.GetValueOrDefault($"T:{NameOf(type)}");

    private XElement? Find(MethodInfo method)
    {
        var name = $"M:{NameOf(method.DeclaringType!)}.{method.Name}";
        return members.FirstOrDefault(member => member.Key == name || member.Key.StartsWith(name + "(", StringComparison.Ordinal)).Value;
    }

    private static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    /// <summary>Markdown: code and names in backticks, the line breaks of the source gone.</summary>
    private static string? Text(XElement? element)
    {
        if (element is null)
            return null;

        var text = string.Concat(element.Nodes().Select(static node => node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "see" or "paramref" } link => $"`{(link.Attribute("cref") ?? link.Attribute("name"))!.Value.Split('.', ':')[^1]}`",
            XElement other => $"`{other.Value}`",
            _ => "",
        }));
        return WhiteSpace().Replace(text, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
