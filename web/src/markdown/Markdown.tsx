import { Fragment, memo, type ReactNode } from "react";
import type { Block, Inline, ListItem, Text } from "./parse";
import styles from "./Markdown.module.css";

/** Renders pieces of text, so that a caller can mark parts of them by their place in the source. */
export type RenderText = (piece: Text) => ReactNode;

/** Blocks keep their identity while a text grows, so only the ones that changed are rendered again. */
export function Markdown({ blocks, renderText }: { blocks: Block[]; renderText?: RenderText }) {
  return <div className={styles.prose}>{blocks.map(block => <BlockView key={block.start} block={block} renderText={renderText} />)}</div>;
}

const BlockView = memo(function BlockView({ block, renderText }: { block: Block; renderText?: RenderText }): ReactNode {
  const inline = (children: Inline[]) => <Inlines nodes={children} renderText={renderText} />;
  const nested = (blocks: Block[]) => blocks.map(child => <BlockView key={child.start} block={child} renderText={renderText} />);
  switch (block.kind) {
    case "paragraph":
      return <p>{inline(block.children)}</p>;
    case "heading": {
      // The page's own headings are h1 and h2.
      const Heading = `h${Math.min(6, block.level + 2)}` as "h3";
      return <Heading>{inline(block.children)}</Heading>;
    }
    case "codeblock":
      return <pre tabIndex={0}><code>{block.text}</code></pre>;
    case "quote":
      return <blockquote>{nested(block.blocks)}</blockquote>;
    case "list": {
      const items = block.items.map(item => <ItemView key={item.start} item={item} renderText={renderText} />);
      return block.ordered ? <ol start={block.first}>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <div className={styles.tableFrame} tabIndex={0} role="group">
          <table>
            <thead><tr>{block.head.map((cell, index) => <th key={index} scope="col">{inline(cell)}</th>)}</tr></thead>
            <tbody>{block.rows.map((row, index) => <tr key={index}>{row.map((cell, column) => <td key={column}>{inline(cell)}</td>)}</tr>)}</tbody>
          </table>
        </div>
      );
    case "rule":
      return <hr />;
  }
});

const ItemView = memo(function ItemView({ item, renderText }: { item: ListItem; renderText?: RenderText }) {
  const [only] = item.blocks;
  return (
    <li>
      {item.blocks.length === 1 && only?.kind === "paragraph"
        ? <Inlines nodes={only.children} renderText={renderText} />
        : item.blocks.map(child => <BlockView key={child.start} block={child} renderText={renderText} />)}
    </li>
  );
});

function Inlines({ nodes, renderText }: { nodes: Inline[]; renderText?: RenderText }): ReactNode {
  return nodes.map((node, index) => {
    switch (node.kind) {
      case "text":
        return <Fragment key={index}>{renderText ? renderText(node) : node.text}</Fragment>;
      case "code":
        return <code key={index}>{renderText ? renderText(node) : node.text}</code>;
      case "strong":
        return <strong key={index}><Inlines nodes={node.children} renderText={renderText} /></strong>;
      case "emphasis":
        return <em key={index}><Inlines nodes={node.children} renderText={renderText} /></em>;
      case "strike":
        return <s key={index}><Inlines nodes={node.children} renderText={renderText} /></s>;
      case "link":
        return <a key={index} href={node.href} target="_blank" rel="noopener noreferrer nofollow"><Inlines nodes={node.children} renderText={renderText} /></a>;
      case "break":
        return <br key={index} />;
    }
  });
}
